import { useState } from "preact/hooks";
import { useConsole } from "../context.ts";
import { ConsoleProvidersDocument } from "../generated/graphql.ts";
import { usePolled } from "../polling.ts";
import { writeRoute } from "../route.ts";
import { providerWords } from "../words.ts";

/** Opens the page of an order by its provider and id. */
export function OpenOrder() {
  const { graph } = useConsole();
  const { data } = usePolled(graph, ConsoleProvidersDocument, { canRead: false });
  const names = data?.cancellationProviders.map(({ provider }) => provider) ?? [];
  const [chosen, setProvider] = useState("");
  const provider = chosen || (names[0] ?? "");
  const [id, setId] = useState("");
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = writeRoute({ page: "order", provider, id: id.trim() });
      }}
    >
      <label for="open-provider">Provider</label>
      <select id="open-provider" value={provider} onChange={(event) => setProvider(event.currentTarget.value)}>
        {names.map((name) => (
          <option key={name} value={name}>
            {providerWords[name] ?? name}
          </option>
        ))}
      </select>
      <label for="open-id">Id of the order</label>
      <div class="row">
        <input
          id="open-id"
          required
          maxLength={200}
          spellcheck={false}
          value={id}
          onInput={(event) => setId(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          Open
        </button>
      </div>
    </form>
  );
}
