import { BytePattern } from './byte-pattern.ts'

/** Longer ones are rarely the same twice. */
const MAX_HEAD_BYTES = 128

/** More are forgotten, and learnt again: senders have some hundreds. */
const MAX_HEADS = 2048

/** So many that came after a head are remembered: what comes there differs with what the items tell of. */
const MAX_AFTER = 6

/** How an attribute begins in JSON, up to its value: by its bytes. */
export class AttributeHead {
  readonly key: string
  /** Which field of an AnyValue it has. */
  readonly field: number
  readonly pattern: BytePattern
  /** The one that came after it last. */
  next: AttributeHead | undefined
  readonly #after: AttributeHead[] = []
  /** Where its last text is among the shared ones. */
  slot = 0

  constructor(key: string, field: number, pattern: BytePattern) {
    this.key = key
    this.field = field
    this.pattern = pattern
  }

  comesBefore(head: AttributeHead): void {
    this.next = head
    if (this.#after.includes(head)) return
    if (this.#after.length === MAX_AFTER) this.#after.shift()
    this.#after.push(head)
  }

  /** Makes one the next that came after this some time before, if it is at this place. */
  turnTo(start: number, view: DataView): AttributeHead | undefined {
    for (const head of this.#after) {
      if (!head.pattern.isAt(start, view)) continue
      this.next = head
      return head
    }
    return undefined
  }
}

/** The heads of attributes that came before, kept over requests. They come in the same order again and again. */
export class AttributeHeads {
  /** By field and key. */
  readonly #heads = new Map<number, Map<string, AttributeHead>>()
  #count = 0
  #last = new AttributeHead('', 0, new BytePattern(Buffer.from('none')))

  /** The head at a place, when it is one that came after the last one before. */
  at(start: number, view: DataView): AttributeHead | undefined {
    const { next } = this.#last
    const head = next?.pattern.isAt(start, view) ? next : this.#last.turnTo(start, view)
    if (head !== undefined) this.#last = head
    return head
  }

  /** The head of these bytes, which comes after the last one. */
  learn(key: string, field: number, bytes: Buffer): AttributeHead | undefined {
    if (bytes.length > MAX_HEAD_BYTES) return undefined
    const head = this.#heads.get(field)?.get(key) ?? this.#add(key, field, bytes)
    this.#last.comesBefore(head)
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
