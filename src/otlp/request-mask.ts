/** What is done with the value of one attribute. `secret`: texts are masked whatever they are. */
export type Treatment = 'leave' | 'look' | 'secret' | 'block'

/** Decides what is masked in a request. */
export interface RequestMask {
  /** @returns the same text where it holds no secret */
  text(text: string): string
  /** @returns what stands in its place; `undefined` where it is no secret */
  number(value: number | bigint): string | undefined
  treatment(key: string): Treatment
  /** What stands in place of a value as a whole. */
  whole(treatment: 'secret' | 'block'): string
}
