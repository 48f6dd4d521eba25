import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MantineProvider } from "@mantine/core";
import { fireEvent, render } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Drawer } from "./Drawer";
import { Modal } from "./Modal";

const pressEscape = () => fireEvent.keyDown(document.body, { key: "Escape" });

function Layers({
  question,
  panel,
  isStubborn = false,
}: {
  question?: () => void;
  panel: () => void;
  isStubborn?: boolean;
}) {
  return (
    <MantineProvider>
      {/* Before the panel in the page, and opened after it. */}
      <Modal opened={question !== undefined} onClose={question ?? panel} closeOnEscape={!isStubborn} />
      <Drawer opened onClose={panel} />
    </MantineProvider>
  );
}

describe("Escape", () => {
  it("closes what opened last, then what is under it", () => {
    const [question, panel] = [vi.fn(), vi.fn()];
    const { rerender } = render(<Layers panel={panel} />);
    rerender(<Layers panel={panel} question={question} />);
    pressEscape();
    expect([question.mock.calls.length, panel.mock.calls.length]).toEqual([1, 0]);
    rerender(<Layers panel={panel} />);
    pressEscape();
    expect([question.mock.calls.length, panel.mock.calls.length]).toEqual([1, 1]);
  });

  it("closes nothing under what can't be closed by it", () => {
    const [question, panel] = [vi.fn(), vi.fn()];
    const { rerender } = render(<Layers panel={panel} />);
    rerender(<Layers panel={panel} question={question} isStubborn />);
    pressEscape();
    expect([question.mock.calls.length, panel.mock.calls.length]).toEqual([0, 0]);
  });

  it("closes no dialog behind a list that is open in it", () => {
    const panel = vi.fn();
    const { baseElement } = render(<Layers panel={panel} />);
    const field = baseElement.appendChild(document.createElement("input"));
    field.setAttribute("data-mantine-stop-propagation", "true");
    fireEvent.keyDown(field, { key: "Escape" });
    expect(panel).not.toHaveBeenCalled();
  });
});

describe("dialogs and panels", () => {
  it("take part in the order: they come from ui/Modal and ui/Drawer", () => {
    const src = join(import.meta.dirname, "..");
    const past = readdirSync(src, { recursive: true, encoding: "utf8" }).filter(
      (file) =>
        file.endsWith(".tsx") &&
        !["ui/Modal.tsx", "ui/Drawer.tsx", "ui/palette/Palette.tsx"].includes(file) &&
        /import \{[^}]*\b(Modal|Drawer)\b[^}]*\} from "@mantine\/core"/.test(readFileSync(join(src, file), "utf8")),
    );
    expect(past, "import them from @/ui/Modal and @/ui/Drawer").toEqual([]);
  });
});
