import type { Turn } from './model-api.ts'

/** A session with tools that work, that fail and that do not exist, an overloaded model, and a subagent. */
export const TOUR: Readonly<Record<string, readonly Turn[]>> = {
  tour: [
    { say: 'A command.', call: [{ name: 'Bash', input: { command: 'echo hello', description: 'Greet' } }] },
    {
      say: 'A file, and a command that fails.',
      call: [
        { name: 'Write', input: { file_path: 'notes.txt', content: 'one\ntwo\n' } },
        { name: 'Bash', input: { command: 'echo no >&2; exit 3', description: 'Fail' } },
      ],
    },
    { say: 'A tool that is not there.', call: [{ name: 'NoSuchTool', input: {} }] },
    {
      say: 'A subagent.',
      refuseFirst: [529],
      call: [
        {
          name: 'Agent',
          input: {
            subagent_type: 'general-purpose',
            description: 'List files',
            prompt: '[script:listing] List the files.',
            run_in_background: false,
          },
        },
      ],
    },
    { say: 'Done.' },
  ],
  listing: [
    { say: 'Looking.', call: [{ name: 'Bash', input: { command: 'ls', description: 'List' } }] },
    { say: 'One file.' },
  ],
}

/** The calls of the tour that ran. */
export const TOUR_TOOLS = {
  Agent: { calls: 1, failures: 0 },
  Bash: { calls: 3, failures: 1 },
  Write: { calls: 1, failures: 0 },
}
