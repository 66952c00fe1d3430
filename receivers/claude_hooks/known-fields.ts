/** What every event may have; `model` and `turn_id` come from Codex. */
const COMMON =
  'session_id transcript_path cwd hook_event_name prompt_id permission_mode effort agent_id agent_type model turn_id'
const TOOL = 'tool_name tool_input tool_use_id'
const END_OF_TURN = 'stop_hook_active last_assistant_message background_tasks session_crons'
const TASK = 'task_id task_subject task_description teammate_name'

const OWN: Readonly<Record<string, string>> = {
  SessionStart:
    'source session_title seconds_since_last_response context_tokens prompt_cache_likely_expired estimated_cache_write_usd',
  SessionEnd: 'reason',
  UserPromptSubmit: 'prompt session_title',
  UserPromptExpansion: 'expansion_type command_name command_args command_source prompt',
  PreToolUse: TOOL,
  PermissionRequest: `${TOOL} permission_suggestions`,
  PermissionDenied: `${TOOL} reason`,
  PostToolUse: `${TOOL} tool_response duration_ms`,
  PostToolUseFailure: `${TOOL} error is_interrupt duration_ms`,
  PostToolBatch: 'tool_calls',
  SubagentStart: '',
  SubagentStop: `${END_OF_TURN} agent_transcript_path`,
  TaskCreated: TASK,
  TaskCompleted: TASK,
  Stop: END_OF_TURN,
  StopFailure: 'error error_details last_assistant_message',
}

const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(OWN).map(([event, own]) => [event, new Set(`${COMMON} ${own}`.trimEnd().split(' '))]),
)

/** Names of the fields that an event is not known to have; none of events whose fields are not known themselves. */
export function unknownFields(event: string, payload: Readonly<Record<string, unknown>>): readonly string[] {
  const known = FIELDS.get(event)
  return known === undefined ? [] : Object.keys(payload).filter((field) => !known.has(field))
}
