import { isMessage, type MessageName, messageOf } from './otlp-messages.ts'

/** What is looked at in a message of OTLP, field by field: its texts, the messages in it, and nothing of the rest. */
export interface MaskPlan {
  readonly name: MessageName
  /** By number. */
  readonly fields: readonly (FieldPlan | undefined)[]
  readonly names: FieldNames
}

/** `rest`: an id or a number, which are nobody's; in JSON a text of another form may stand there. A field without a plan holds what nobody knows. */
export type FieldPlan = 'text' | 'bytes' | 'number' | 'rest' | MaskPlan

const plans = new Map<MessageName, MaskPlan>()

export function maskPlanOf(name: MessageName): MaskPlan {
  const known = plans.get(name)
  if (known !== undefined) return known
  const fields: (FieldPlan | undefined)[] = []
  const names = new FieldNames()
  const plan: MaskPlan = { name, fields, names }
  // Before its fields: messages hold each other.
  plans.set(name, plan)
  const { byNumber, byName } = messageOf(name)
  for (const [number, { type }] of byNumber) {
    if (isMessage(type)) fields[number] = maskPlanOf(type)
    else if (type === 'text' || type === 'bytes') fields[number] = type
    else if (name !== 'AnyValue') fields[number] = 'rest'
    else if (type !== 'bool') fields[number] = 'number'
  }
  for (const [fieldName, { number }] of byName) names.add(fieldName, fields[number])
  return plan
}

/** Fields by their names in JSON, found without making text of bytes. */
class FieldNames {
  /** By length. */
  readonly #names: { readonly bytes: Buffer; readonly field: FieldPlan | undefined }[][] = []

  add(name: string, field: FieldPlan | undefined): void {
    const bytes = Buffer.from(name)
    const list = this.#names[bytes.length] ?? []
    this.#names[bytes.length] = list
    if (!list.some((known) => known.bytes.equals(bytes))) list.push({ bytes, field })
  }

  find(bytes: Buffer, start: number, end: number): FieldPlan | undefined {
    for (const { bytes: name, field } of this.#names[end - start] ?? []) {
      let at = 0
      while (at < name.length && name[at] === bytes[start + at]) at++
      if (at === name.length) return field
    }
    return undefined
  }
}
