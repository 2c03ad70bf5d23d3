import type { Assets } from "./assets.ts";

export interface Page {
  title: string;
  assets: Assets;
  /** Of these files, by their path among the assets. */
  styles: readonly string[];
  script: string;
  /** What the script needs to know; it reads it in `document.documentElement.dataset`. */
  data: Readonly<Record<string, string>>;
  /** HTML that is shown until the script runs. */
  body: string;
}

/** The whole page. All of it that is not ours is escaped. */
export function renderPage({ title, assets: { base, files }, styles, script, data, body }: Page): string {
  const attributes = Object.entries(data).map(([name, value]) => ` data-${name}="${escapeHtml(value)}"`);
  const modules = [...files.keys()].filter((name) => /\.m?js$/.test(name));
  return `<!doctype html>
<html lang="en"${attributes.join("")}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${base}icon.svg">
${styles.map((name) => `<link rel="stylesheet" href="${base}${name}">`).join("\n")}
${modules.map((name) => `<link rel="modulepreload" href="${base}${name}">`).join("\n")}
<script type="module" src="${base}${script}"></script>
</head>
<body>
${body}
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Beside the policy of all answers. The policy says what the page may load; everything else is refused. */
export function pageHeaders(policy: Readonly<Record<string, string>>): Record<string, string> {
  const all = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    ...policy,
  };
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": Object.entries(all)
      .map(([name, value]) => `${name} ${value}`)
      .join("; "),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
  };
}
