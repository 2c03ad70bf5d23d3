import type { Provider } from "./kit/rules.ts";

interface FirstLook {
  cancellable: string;
  tooLate: string;
  unknown: string;
}

/** One id of each kind to try by hand. Made up, but of the format the provider's page shows. */
export const firstLook: Readonly<Record<Provider, FirstLook>> = {
  FINPAY: {
    cancellable: "FK000000000000001",
    tooLate: "FK000000000000091",
    unknown: "FK000000000000099",
  },
  KWIKPAISA: { cancellable: "9000000000001", tooLate: "9000000000091", unknown: "9000000000099" },
  ONRAMP: { cancellable: "900001", tooLate: "900091", unknown: "900099" },
  SMS4SATS: {
    cancellable: "5a4db0c500000000000000000000000000000000000000000000000000000001",
    tooLate: "5a4db0c500000000000000000000000000000000000000000000000000000091",
    unknown: "5a4db0c500000000000000000000000000000000000000000000000000000099",
  },
  TRONSAVE: {
    cancellable: "5a4db0c50000000000000001",
    tooLate: "5a4db0c50000000000000091",
    unknown: "5a4db0c50000000000000099",
  },
};

interface Seeds {
  open: readonly string[];
  completed: readonly string[];
}

/** What each provider knows from the start: the ids of `firstLook` and more that end in 02 to 06 and in 92. */
export const seeds: Readonly<Record<Provider, Seeds>> = {
  FINPAY: seedsLike(firstLook.FINPAY),
  KWIKPAISA: seedsLike(firstLook.KWIKPAISA),
  ONRAMP: {
    ...seedsLike(firstLook.ONRAMP),
    open: [...seedsLike(firstLook.ONRAMP).open, "5a4db0c5000000000000000000000001"],
  },
  SMS4SATS: seedsLike(firstLook.SMS4SATS),
  TRONSAVE: seedsLike(firstLook.TRONSAVE),
};

function seedsLike({ cancellable, tooLate }: FirstLook): Seeds {
  const prefix = cancellable.slice(0, -2);
  return {
    open: [cancellable, ...["02", "03", "04", "05", "06"].map((ending) => prefix + ending)],
    completed: [tooLate, `${prefix}92`],
  };
}
