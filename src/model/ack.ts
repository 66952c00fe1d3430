/** Version of {@link Ack}; a reader refuses lines of a newer one. */
export const ACK_SCHEMA = 1

/** Somebody has seen that a session was alarming: a line of `history/acks.jsonl`. */
export interface Ack {
  readonly schema: number
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly agent_type: string
  /** The session that was alarming. */
  readonly session_id: string
  /** Nothing was wrong with it. */
  readonly false_alarm: boolean
}
