/** A module of the built service, by its path in `dist`. What is measured is what runs in production. */
export function built(path: string) {
  return import(new URL(`../../dist/${path}`, import.meta.url).href);
}
