/** A pattern in which `*` stands for any characters. Parts are found one after another: linear, as no regular expression. */
export function starPattern(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
    const untilIndex = text.length - last.length
    let index = first.length
    for (const part of rest) {
      const found = text.indexOf(part, index)
      if (found === -1 || found + part.length > untilIndex) return false
      index = found + part.length
    }
    return true
  }
}
