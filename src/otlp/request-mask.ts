/** What is done with the value of one attribute. `secret`: texts are masked whatever they are. */
export type Treatment = 'leave' | 'look' | 'secret' | 'block'

const BY_STRICTNESS: readonly Treatment[] = ['leave', 'look', 'secret', 'block']

/** What counts where an attribute has several keys: whoever writes two may mean either. */
export function stricter(one: Treatment, other: Treatment): Treatment {
  return BY_STRICTNESS.indexOf(one) > BY_STRICTNESS.indexOf(other) ? one : other
}

/** What is to be done with an attribute, by its key. */
export interface KeyMask {
  readonly treatment: Treatment
  /** Whether the key itself may hold a secret: it may be data, in maps by address or by user. */
  readonly mayHold: boolean
}

export interface ViewedBytes {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
}

/** Decides what is masked in a request. What it masks it counts: it is asked once for each place. */
export interface RequestMask {
  /** Whether the text of some bytes may hold a secret, to ask before it is read. */
  mayHold(bytes: ViewedBytes, start: number, end: number): boolean
  /** @returns the same text where it holds no secret */
  text(text: string): string
  /** Whether a number may be a secret, to ask before it is masked. */
  mayHoldNumber(value: number | bigint): boolean
  /** @returns what stands in its place; `undefined` where it is no secret */
  number(value: number | bigint): string | undefined
  /** By the bytes of the key. */
  key(bytes: ViewedBytes, start: number, end: number): KeyMask
  /** What stands in place of a value as a whole. */
  whole(treatment: 'secret' | 'block'): string
}
