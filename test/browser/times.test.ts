import { describe, expect, it } from "vitest";
import { formatAge, formatDuration, formatInstant, formatUtc } from "../../src/browser/console/times.ts";

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];

it.each<[number, string]>([
  [-5 * second, "0 s"],
  [0, "0 s"],
  [59 * second + 999, "59 s"],
  [minute, "1 min"],
  [5 * minute + 40 * second, "5 min 40 s"],
  [10 * minute + 40 * second, "10 min"],
  [hour, "1 h"],
  [2 * hour + 14 * minute + 59 * second, "2 h 14 min"],
  [day - second, "23 h 59 min"],
  [3 * day + 4 * hour, "3 d 4 h"],
  [400 * day, "400 d"],
])("an age of %j ms reads %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

it.each<[number, string]>([
  [0.4, "0 ms"],
  [480, "480 ms"],
  [1000, "1.0 s"],
  [10_003, "10.0 s"],
  [320_000, "5 min 20 s"],
])("an exchange of %j ms reads %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

describe("an instant is told in the viewer's zone and in UTC", () => {
  const at = new Date("2026-11-30T20:05:09Z");

  it("with the date in UTC if it is another day there", () => {
    expect(formatInstant(at, "Asia/Kolkata")).toBe("1 Dec 2026, 01:35:09");
    expect(formatUtc(at, "Asia/Kolkata")).toBe("30 Nov 2026, 20:05:09 UTC");
  });

  it("without it on the same day", () => {
    expect(formatInstant(at, "Europe/Paris")).toBe("30 Nov 2026, 21:05:09");
    expect(formatUtc(at, "Europe/Paris")).toBe("20:05:09 UTC");
  });

  it("and midnight is no 24th hour", () => {
    expect(formatInstant(new Date("2026-12-01T00:00:00Z"), "UTC")).toBe("1 Dec 2026, 00:00:00");
  });
});
