import type { ProviderName } from "../../src/providers/registry.ts";
import type { Fault, ReceivedRequest } from "../../src/simulators/kit/simulator.ts";
import type { Random } from "./random.ts";
import { strangeAnswer } from "./strange-answers.ts";

/** How long after a lost answer its effect may come, ms. */
const [soonestMs, latestMs] = [500, 6000];

/**
 * Half of the requests are answered as `strangeAnswer` says. Of the others:
 *
 * 5 % resets after the effect, 3 % hangs, 2 % garbage, 2 % errors 500, of which half act first; 20 % answers that are
 * complete and slow. With `late`, 5 % of the cancels are lost and take effect only some seconds later.
 */
export function nextFault(
  provider: ProviderName,
  request: ReceivedRequest,
  late: boolean,
  random: Random,
): Fault | undefined {
  const strange = random() < 0.5;
  const answer = strangeAnswer(provider, request, random);
  if (strange) return answer;
  const { operation } = request;
  const dice = random();
  const effect = random() < 0.5;
  const kind = random() < 0.5 ? "reset" : "hang";
  const ms = random();
  if (dice < 0.05) return { kind: "reset", effect: true };
  if (dice < 0.08) return { kind: "hang", effect };
  if (dice < 0.1) return { kind: "garbage", effect };
  if (dice < 0.12) return { kind: "status", status: 500, effect };
  if (dice < 0.32) return { kind: "delay", ms: Math.round(10 + ms * 140) };
  if (dice > 0.95 && late && operation === "cancel") {
    return { kind, effect: true, effectAfterMs: Math.round(soonestMs + ms * (latestMs - soonestMs)) };
  }
  return undefined;
}
