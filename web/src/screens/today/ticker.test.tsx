import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { now, setBy, useTicking } from "./ticker";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-04-14T15:00:00Z") });
});
afterEach(() => {
  setBy(new Date().toISOString());
  vi.useRealTimers();
});

let drawn = 0;

function Minutes() {
  drawn += 1;
  return <p>{useTicking((time) => Math.floor(time / 60_000) % 60)}</p>;
}

const Look = () => <p>{useTicking((time) => time)}</p>;

describe("the clock", () => {
  it("draws again only what has changed", () => {
    drawn = 0;
    render(<Minutes />);
    act(() => void vi.advanceTimersByTime(55_000));
    expect(drawn).toBe(1);
    act(() => void vi.advanceTimersByTime(5_000));
    expect(screen.getByText("1")).toBeTruthy();
    expect(drawn).toBe(2);
  });

  it("stops when nobody looks", () => {
    const { unmount } = render(<Look />);
    expect(vi.getTimerCount()).toBe(1);
    unmount();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes by the server's time where this device is wrong", () => {
    setBy("2026-04-14T15:10:00Z");
    expect(new Date(now()).toISOString()).toBe("2026-04-14T15:10:00.000Z");
    setBy("2026-04-14T15:00:01Z");
    expect(new Date(now()).toISOString()).toBe("2026-04-14T15:00:00.000Z");
  });
});
