import { visibleText } from '#src/report/visible-text.ts'

const SHORT_ID_LENGTH = 8

/** The beginning of a session id that people pass around. */
export function shortSessionId(sessionId: string): string {
  return visibleText(sessionId).slice(0, SHORT_ID_LENGTH)
}
