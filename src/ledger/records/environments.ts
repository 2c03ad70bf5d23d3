import type { Transaction } from "kysely";
import type { Ledger } from "../../domain/ledger.ts";
import type { Tables } from "../schema.ts";
import type { Store } from "../store.ts";

/** Keeps apart the records of different environments of one provider. */
export interface Environments {
  bind: Ledger["bindEnvironments"];
  /** Rejects if another instance has bound the provider to another environment meanwhile. */
  require(transaction: Transaction<Tables>, provider: string): Promise<void>;
}

export function createEnvironments(store: Store): Environments {
  const own = new Map<string, string>();

  return {
    bind: async (environments) => {
      await store.transact(async (transaction) => {
        for (const { provider, host } of environments) await bind(transaction, provider, host);
      });
      for (const { provider, host } of environments) own.set(provider, host);
    },

    require: async (transaction, provider) => {
      const host = own.get(provider);
      if (host === undefined) return;
      const bound = await hostOf(transaction, provider);
      if (bound !== host) throw new Error(otherEnvironment(provider, bound, host));
    },
  };
}

async function bind(transaction: Transaction<Tables>, provider: string, host: string): Promise<void> {
  const bound = await hostOf(transaction, provider);
  if (bound !== undefined && bound !== host) {
    const used = transaction.selectFrom("cancellations").select("id").where("provider", "=", provider).limit(1);
    if (await used.executeTakeFirst()) throw new Error(otherEnvironment(provider, bound, host));
  }
  await transaction
    .insertInto("provider_environments")
    .values({ provider, host })
    .onConflict((conflict) => conflict.column("provider").doUpdateSet({ host }))
    .execute();
}

async function hostOf(transaction: Transaction<Tables>, provider: string): Promise<string | undefined> {
  const query = transaction.selectFrom("provider_environments").select("host").where("provider", "=", provider);
  return (await query.executeTakeFirst())?.host;
}

function otherEnvironment(provider: string, bound: string | undefined, host: string): string {
  return `it holds ${provider} orders of ${bound}, and ${provider} is now set to ${host}; give each environment a database of its own`;
}
