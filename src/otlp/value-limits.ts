/** Values that contain values are followed this deep, as protobuf's own parsers do. */
export const MAX_DEPTH = 100

/** A request may hold this many attributes and list elements: each takes more memory than the bytes that it came in. */
export const MAX_VALUES = 2 ** 21

/** And this many of them in other values: there they are all read at once, and stay in memory as long as their item. */
export const MAX_NESTED_VALUES = 2 ** 19

/** And this many different keys: each takes half a kilobyte, and real telemetry has some hundreds. */
export const MAX_KEYS = 2 ** 16

/** Keys are not counted before so many may be new. */
export const MAX_UNCOUNTED_KEYS = 2 ** 15
