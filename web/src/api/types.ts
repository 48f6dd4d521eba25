/** Names for what the API's document describes and many parts of the app speak of. */
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Permission = Schemas["Permission"];
export type Me = Schemas["User"];
export type ActiveClinic = Schemas["ActiveClinic"];
