import { useState } from "preact/hooks";
import { writeRoute } from "../route.ts";
import { providerWords } from "../words.ts";

/** Opens the page of an order by its provider and id. */
export function OpenOrder() {
  const [provider, setProvider] = useState(Object.keys(providerWords)[0] ?? "");
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
        {Object.entries(providerWords).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
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
