/**
 * What the model wrote stands between the start of a message's content and the reason why it stopped; nothing of it is
 * needed. Inside of a JSON string every quote has a backslash before it, so what is looked for here is always structure.
 */

const HEAD_BYTES = 768
/** One block of text or thought, or a call of a tool; of calls that start subagents the input is needed. */
const CONTENT =
  /"role":"assistant",(?:"model":"[^"\\]*",)?"content":\[\{(?:("type":"(?:text","text|thinking","thinking)":")|"type":"tool_use","id":"[^"\\]*","name":"(?!Agent"|Task")[^"\\]*",("input":\{))/
const BLOCK = Buffer.from('{"type":"')
const BEHIND = Buffer.from('],"stop_reason":')

/**
 * The text of an assistant message's line, without what was written or asked for in it.
 *
 * @returns `undefined` when the line is not exactly as expected; the text may still turn out to be no JSON, then too the
 * whole line has to be parsed
 */
export function hollowMessage(bytes: Buffer, start: number, end: number): string | undefined {
  const head = bytes.latin1Slice(start, Math.min(end, start + HEAD_BYTES))
  const opening = CONTENT.exec(head)
  if (opening === null) return undefined
  const contentAt = start + opening.index + opening[0].length
  const content = bytes.subarray(contentAt, end)
  const contentEnd = content.indexOf(BEHIND)
  const anotherBlock = content.indexOf(BLOCK)
  if (contentEnd === -1 || (anotherBlock !== -1 && anotherBlock < contentEnd)) return undefined
  const closing = opening[1] === undefined ? '}}' : '"}'
  return bytes.utf8Slice(start, contentAt) + closing + bytes.utf8Slice(contentAt + contentEnd, end)
}
