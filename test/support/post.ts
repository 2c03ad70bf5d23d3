/** A GraphQL answer, as a client sees it. */
export interface Answer<Data = Fields> {
  status: number;
  headers: Headers;
  text: string;
  data: Data | undefined;
  /** `extensions.code` of each error. */
  codes: string[];
  messages: string[];
}

/** Whatever JSON holds: a field that is missing fails the expectation on it. */
export type Fields = ReturnType<typeof JSON.parse>;

export interface PostOptions {
  /** Besides the content-type, or in place of it. */
  headers?: Record<string, string>;
  /** Gives up waiting; the promise then rejects. */
  signal?: AbortSignal;
}

/** POSTs a body to any address: a text as it is, everything else as JSON. */
export async function post<Data = Fields>(
  url: string,
  body: unknown,
  { headers = {}, signal }: PostOptions = {},
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal: signal ?? null,
  });
  return readAnswer(response);
}

export async function readAnswer<Data = Fields>(response: Response): Promise<Answer<Data>> {
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text) as {
    data?: Data;
    errors?: { message: string; extensions?: { code?: string } }[];
  };
  return {
    status: response.status,
    headers: response.headers,
    text,
    data,
    codes: errors.map(({ extensions }) => extensions?.code ?? ""),
    messages: errors.map(({ message }) => message),
  };
}
