import { describe, expect, it } from "vitest";
import { changeOf, filled, notesOf, rebase } from "./notes";

const EMPTY = notesOf({});

describe("two who write at one note", () => {
  it("keep what only one of them changed", () => {
    const mine = { ...EMPTY, subjective: "Cough" };
    const theirs = { ...EMPTY, plan: "Rest" };
    expect(rebase(EMPTY, mine, theirs)).toEqual({ merged: { ...EMPTY, subjective: "Cough", plan: "Rest" }, torn: [] });
  });

  it("are asked about what both changed, and nothing typed is lost", () => {
    const mine = { ...EMPTY, plan: "Rest" };
    expect(rebase(EMPTY, mine, { ...EMPTY, plan: "Walk" })).toEqual({ merged: mine, torn: ["plan"] });
  });

  it("agree where both wrote the same", () => {
    const both = { ...EMPTY, plan: "Rest" };
    expect(rebase(EMPTY, both, both)).toEqual({ merged: both, torn: [] });
  });
});

it("only what changed is sent, and what was emptied is cleared", () => {
  const before = { ...EMPTY, subjective: "Cough", plan: "Rest" };
  expect(changeOf(before, { ...before, plan: " ", objective: "Lungs clear" })).toEqual({
    objective: "Lungs clear",
    plan: null,
  });
});

it("a template fills what is empty and is added below what is not", () => {
  const notes = filled({ ...EMPTY, plan: "Rest" }, { plan: "Come back", objective: "Heart:" });
  expect(notes).toEqual({ ...EMPTY, plan: "Rest\nCome back", objective: "Heart:" });
});
