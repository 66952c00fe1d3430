import { BytePattern } from './byte-pattern.ts'

/** Longer ones are rarely the same twice. */
const MAX_HEAD_BYTES = 128

/** More are forgotten, and learnt again: senders have some hundreds. */
const MAX_HEADS = 2048

/** How an attribute begins in JSON, up to its value: by its bytes. */
export class AttributeHead {
  readonly key: string
  /** Which field of an AnyValue it has. */
  readonly field: number
  readonly pattern: BytePattern
  /** The one that came after it last. */
  next: AttributeHead | undefined
  /** Where its last text is among the shared ones. */
  slot = 0

  constructor(key: string, field: number, pattern: BytePattern) {
    this.key = key
    this.field = field
    this.pattern = pattern
  }
}

/** The heads of attributes that came before, kept over requests. They come in the same order again and again. */
export class AttributeHeads {
  /** By field and key. */
  readonly #heads = new Map<number, Map<string, AttributeHead>>()
  #count = 0
  #last = new AttributeHead('', 0, new BytePattern(Buffer.from('none')))

  /** The head at a place, when it is the one that came there last. */
  at(start: number, view: DataView): AttributeHead | undefined {
    const head = this.#last.next
    if (head === undefined || !head.pattern.isAt(start, view)) return undefined
    this.#last = head
    return head
  }

  /** The head of these bytes, which comes after the last one. */
  learn(key: string, field: number, bytes: Buffer): AttributeHead | undefined {
    if (bytes.length > MAX_HEAD_BYTES) return undefined
    const head = this.#heads.get(field)?.get(key) ?? this.#add(key, field, bytes)
    this.#last.next = head
    this.#last = head
    return head
  }

  #add(key: string, field: number, bytes: Buffer): AttributeHead {
    if (this.#count++ >= MAX_HEADS) {
      this.#heads.clear()
      this.#count = 1
    }
    const head = new AttributeHead(key, field, new BytePattern(bytes))
    const sameField = this.#heads.get(field) ?? new Map<string, AttributeHead>()
    this.#heads.set(field, sameField.set(key, head))
    return head
  }
}
