/** `type[/name]` taken apart; `problem` says what is wrong with it. */
export interface ComponentId {
  readonly type: string
  readonly name?: string
  readonly problem?: string
}

const TYPE = /^[a-z][0-9a-z_]{0,62}$/
const MAX_NAME_CHARACTERS = 1024
const SPACE_OR_CONTROL = /[\s\p{Cc}]/u

export function parseId(id: string): ComponentId {
  const slash = id.indexOf('/')
  const type = slash === -1 ? id : id.slice(0, slash)
  const name = slash === -1 ? undefined : id.slice(slash + 1)
  const problem =
    (TYPE.test(type) ? undefined : typeProblem(type)) ?? (name === undefined ? undefined : nameProblem(name))
  return { type, ...(name !== undefined && { name }), ...(problem !== undefined && { problem }) }
}

/** @returns what is wrong with a name: of a component after its `/`, or of a pipeline */
export function nameProblem(name: string): string | undefined {
  const expected = `expected a name of 1 to ${MAX_NAME_CHARACTERS} characters without spaces`
  if (name === '') return `${expected}, got nothing`
  if (name.length > MAX_NAME_CHARACTERS) return `${expected}, got ${name.length} characters`
  return SPACE_OR_CONTROL.test(name) ? `${expected}, got ${JSON.stringify(name)}` : undefined
}

function typeProblem(type: string): string {
  return `expected an id such as otlp or otlp/second (a-z, 0-9 and _, at most 63 characters), got ${JSON.stringify(type.slice(0, 80))}`
}
