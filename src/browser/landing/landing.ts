/** The landing page: runs what people try, and embeds Apollo Sandbox if it can be reached. */
const { sandbox } = document.documentElement.dataset;

document.getElementById("try")?.addEventListener("submit", (event) => {
  event.preventDefault();
  void run();
});
if (sandbox) embedSandbox(sandbox);

async function run(): Promise<void> {
  const token = textOf("token");
  let variables: unknown;
  try {
    variables = JSON.parse(textOf("variables") || "{}");
  } catch {
    return show("The variables are not valid JSON.", true);
  }
  show("Running…");
  try {
    const response = await fetch("graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: textOf("document"), variables }),
    });
    show(format(await response.text()), !response.ok);
  } catch {
    show("The service cannot be reached.", true);
  }
}

function textOf(id: string): string {
  const field = document.getElementById(id);
  return field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement ? field.value.trim() : "";
}

function show(text: string, failed = false): void {
  const answer = document.createElement("pre");
  answer.textContent = text;
  answer.className = failed ? "notice bad" : "";
  // Keyboards can scroll it.
  answer.tabIndex = 0;
  document.getElementById("result")?.replaceChildren(answer);
}

function format(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** As Apollo Server's own landing page does. Without internet nothing of it is shown. */
function embedSandbox(source: string): void {
  const script = document.createElement("script");
  script.src = source;
  script.addEventListener("load", () => {
    const { EmbeddedSandbox } = window as { EmbeddedSandbox?: new (options: object) => unknown };
    if (!EmbeddedSandbox) return;
    document.getElementById("sandbox-section")?.removeAttribute("hidden");
    new EmbeddedSandbox({
      target: "#sandbox",
      initialEndpoint: new URL("graphql", location.href).href,
      endpointIsEditable: false,
      hideCookieToggle: false,
      allowDynamicStyles: false,
      runTelemetry: false,
      initialState: {
        document: textOf("document"),
        variables: JSON.parse(textOf("variables")),
        includeCookies: false,
      },
    });
  });
  document.head.append(script);
}

export {};
