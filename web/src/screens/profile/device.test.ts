import { expect, it } from "vitest";
import { deviceOf } from "./device";

it("recognises common devices", () => {
  const iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
  const laptop =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
  expect(deviceOf(iphone)).toEqual({ browser: "Safari", system: "iPhone", isPhone: true });
  expect(deviceOf(laptop)).toEqual({ browser: "Edge", system: "Windows", isPhone: false });
  expect(deviceOf("curl/8.5")).toBeNull();
});
