interface PagesProps {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  /** The cursors of the parts that come before this one. */
  after: readonly string[];
  onTurn(after: string[]): void;
}

/** Turns the parts of a list. */
export function Pages({ pageInfo, after, onTurn }: PagesProps) {
  if (after.length === 0 && !pageInfo.hasNextPage) return null;
  return (
    <nav class="buttons" aria-label="Parts of the list">
      <button type="button" disabled={after.length === 0} onClick={() => onTurn(after.slice(0, -1))}>
        Previous
      </button>
      <button
        type="button"
        disabled={!pageInfo.hasNextPage}
        onClick={() => onTurn([...after, pageInfo.endCursor ?? ""])}
      >
        Next
      </button>
    </nav>
  );
}
