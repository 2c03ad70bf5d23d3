/** Turns the pages of a list that shows the oldest first. `after`: the cursors of the pages before this one. */
export function Pages(props: {
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  after: readonly string[];
  onTurn(after: string[]): void;
}) {
  const { pageInfo, after, onTurn } = props;
  if (after.length === 0 && !pageInfo.hasNextPage) return null;
  return (
    <nav class="buttons" aria-label="Parts of the list">
      <button type="button" disabled={after.length === 0} onClick={() => onTurn(after.slice(0, -1))}>
        Older
      </button>
      <button
        type="button"
        disabled={!pageInfo.hasNextPage}
        onClick={() => onTurn([...after, pageInfo.endCursor ?? ""])}
      >
        Newer
      </button>
    </nav>
  );
}
