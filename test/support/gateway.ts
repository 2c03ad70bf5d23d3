import { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginUsageReportingDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { type Answer, type Fields, post } from "./post.ts";

/** A running @apollo/gateway, which tells what it asked of whom. */
export interface Gateway {
  url: string;
  /** Every request for data that it sent to a subgraph, in order. */
  readonly sent: SubgraphRequest[];
  /** Sends an operation to it, as any client would. */
  ask<Data = Fields>(query: string, variables?: Record<string, unknown>): Promise<Answer<Data>>;
  stop(): Promise<void>;
}

export interface SubgraphRequest {
  subgraph: string;
  query: string;
  variables: Record<string, unknown>;
}

export interface GatewayOptions {
  /** Names and addresses of the running subgraphs, whose own SDL is composed. */
  subgraphs: Readonly<Record<string, string>>;
  /** Documents that clients may name by their hash alone, as codegen's persisted-documents.json has them. */
  persistedDocuments?: Readonly<Record<string, string>>;
}

export async function startGateway({ subgraphs, persistedDocuments = {} }: GatewayOptions): Promise<Gateway> {
  const sent: SubgraphRequest[] = [];
  // It asks the network whether it runs on Google Cloud (gcp-metadata 6.1.1), and warns of whatever answers there.
  process.env.METADATA_SERVER_DETECTION ??= "none";
  const gateway = new ApolloGateway({
    logger: silent,
    supergraphSdl: new IntrospectAndCompose({
      subgraphs: Object.entries(subgraphs).map(([name, url]) => ({ name, url })),
    }),
    buildService: ({ name, url = "" }) =>
      new RemoteGraphQLDataSource({
        url,
        // The gateway's own client would obey a proxy that the environment names.
        fetcher: fetch as never,
        willSendRequest: ({ kind, request: { query = "", variables = {} } }) => {
          // As opposed to the schema, which it loads at the start.
          if (kind === "incoming operation") sent.push({ subgraph: name, query, variables });
        },
      }),
  });
  const server = new ApolloServer({
    gateway,
    logger: silent,
    persistedQueries: { cache: storeOf(persistedDocuments) },
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginUsageReportingDisabled()],
  });
  const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
  return {
    url,
    sent,
    ask: (query, variables = {}) => post(url, { query, variables }),
    stop: () => server.stop(),
  };
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Apollo Server looks for `apq:<hash>`. Nothing is added: only what was registered can be named. */
function storeOf(documents: Readonly<Record<string, string>>) {
  return {
    get: async (key: string) => documents[key.replace(/^apq:/, "sha256:")],
    set: async () => {},
    delete: async () => {},
  };
}
