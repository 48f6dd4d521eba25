import { describe, expect, it } from "vitest";
import { bmiOf, faults, inputOf, isUnusual, measureOf, numberOf, shown, unitOf, usualUnits } from "./vitals";

describe("what is typed", () => {
  it("is read with a point and with a comma", () => {
    expect([numberOf("36.8"), numberOf(" 36,8 "), numberOf("x"), numberOf("")]).toEqual([36.8, 36.8, null, null]);
  });

  it("is sent in the unit it was typed in, and nothing else is sent", () => {
    const typed = { systolic: "128", diastolic: "82", temperature: "98.6", weight: "" };
    expect(inputOf(typed, { temperature: "°F" })).toEqual({
      systolic: 128,
      diastolic: 82,
      temperature: 98.6,
      temperature_unit: "F",
    });
  });

  it("is refused where it is not possible, in its own unit", () => {
    expect(faults({ temperature: "98.6" }, {})).toEqual({ temperature: "range" });
    expect(faults({ temperature: "98.6" }, { temperature: "°F" })).toEqual({});
    expect(faults({ heart_rate: "72.5", spo2: "abc" }, {})).toEqual({ heart_rate: "whole", spo2: "number" });
  });

  it("needs both halves of a blood pressure, the upper one first", () => {
    expect(faults({ systolic: "120" }, {})).toEqual({ diastolic: "together" });
    expect(faults({ systolic: "80", diastolic: "120" }, {})).toEqual({ diastolic: "order" });
  });
});

describe("the body-mass index", () => {
  it("is that of weight and height in any unit", () => {
    expect(bmiOf({ weight: "70", height: "170" }, {})).toBe(24.2);
    expect(bmiOf({ weight: "154", height: "67" }, { weight: "lb", height: "in" })).toBe(24.1);
    expect(bmiOf({ weight: "70" }, {})).toBeNull();
  });
});

describe("what is kept", () => {
  it("is shown in the unit one asks for", () => {
    const temperature = measureOf("temperature");
    expect(shown(temperature, 37, unitOf(temperature, "°F"), "en")).toBe("98.6");
    expect(shown(temperature, 36.85, unitOf(temperature, undefined), "es")).toBe("36,9");
  });

  it("stands out where it is unusual", () => {
    expect([isUnusual(measureOf("spo2"), 88), isUnusual(measureOf("spo2"), 97)]).toEqual([true, false]);
  });

  it("is typed in the units of the country", () => {
    expect(usualUnits("en-US").weight).toBe("lb");
    expect(usualUnits("es-ES").weight).toBeUndefined();
  });
});
