import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Io } from './io.ts'

/** What the file of a command exports. */
export interface CommandModule {
  // A method, so that each command may name the options it gets; the program makes them from the same table.
  /** @returns the exit code */
  run(options: object, io: Io): Promise<number>
}

interface CommandText {
  readonly name: string
  /** One line for `--help`. */
  readonly summary: string
  /** Ends the command's help. */
  readonly example: string
  configure?(command: Command): void
}

/** One command of `agentperf`; loaded when it is used. */
export interface CommandSpec extends CommandText {
  /** Commands of the second level, for the module as `options.action`. */
  readonly actions?: readonly CommandText[]
  load(): Promise<CommandModule>
}

const JSON_HELP = 'print JSON instead of a table'

/** All commands, in the order of `--help`. */
export const commands: readonly CommandSpec[] = [
  {
    name: 'run',
    summary: 'run the pipelines of the configuration until stopped',
    example: 'agentperf run --config pipelines.yaml',
    configure: (command) => command.option('--once', 'read what is there, end all sessions and exit'),
    load: () => import('./run.ts'),
  },
  {
    name: 'analyze',
    summary: 'compute the KPIs of the sessions in some files, without leaving a trace',
    example: 'agentperf analyze ~/.claude/telemetry/traces-*.jsonl',
    configure: (command) =>
      command
        .argument('<files...>', 'telemetry, transcripts or rollouts; their formats are found out')
        .option('--agent-type <type>', 'agent type of all sessions, whatever they tell')
        .option('--now <iso>', 'what counts as now, as 2026-11-20T12:00:00Z')
        .option('--save', 'write the sessions to the ledger and renew baselines')
        .option('--json', 'print an array of ledger lines instead of a table'),
    load: () => import('./analyze.ts'),
  },
  {
    name: 'demo',
    summary: 'run the whole job on sample sessions and show what comes of it',
    example: 'agentperf demo',
    load: () => import('./demo.ts'),
  },
  {
    name: 'sessions',
    summary: 'list the last sessions',
    example: 'agentperf sessions --agent-type code-reviewer --limit 5',
    configure: (command) =>
      command
        .option('--agent-type <type>', 'only sessions of this agent type')
        .option('--limit <count>', 'how many (20)', positiveInteger)
        .option('--json', JSON_HELP),
    load: () => import('./sessions.ts'),
  },
  {
    name: 'report',
    summary: 'print the report of one session',
    example: 'agentperf report d1d142a6',
    configure: (command) => command.argument('<session>', 'session id, or the beginning of one'),
    load: () => import('./report.ts'),
  },
  {
    name: 'baselines',
    summary: 'what is normal for each agent type',
    example: 'agentperf baselines show code-reviewer',
    actions: [
      {
        name: 'show',
        summary: 'print the baselines',
        example: 'agentperf baselines show code-reviewer',
        configure: (command) => command.argument('[agent-type]', 'only this agent type').option('--json', JSON_HELP),
      },
      {
        name: 'reset',
        summary: 'forget what is normal for one agent type and learn it anew',
        example: 'agentperf baselines reset code-reviewer',
        configure: (command) => command.argument('<agent-type>', 'whose baseline'),
      },
      {
        name: 'rebuild',
        summary: 'compute all baselines again from the ledger',
        example: 'agentperf baselines rebuild',
      },
    ],
    load: () => import('./baselines.ts'),
  },
  {
    name: 'status',
    summary: 'how the agents do, and what became of suggestions',
    example: 'agentperf status',
    configure: (command) => command.option('--json', JSON_HELP),
    load: () => import('./status.ts'),
  },
  {
    name: 'check',
    summary: 'exit with 1 when an agent type is in WARNING or CRITICAL, 2 without a storage directory',
    example: 'agentperf check --agent-type code-reviewer',
    configure: (command) =>
      command.option('--agent-type <type>', 'only this agent type; it must have sessions').option('--json', JSON_HELP),
    load: () => import('./check.ts'),
  },
  {
    name: 'ack',
    summary:
      'you have seen what is alarming about an agent type: hooks warn and block no more (status and check still tell it)',
    example: 'agentperf ack --false-alarm code-reviewer',
    configure: (command) =>
      command
        .argument('<agent-type>', 'whose last session was alarming')
        .option('--false-alarm', 'nothing was wrong with it; counted'),
    load: () => import('./ack.ts'),
  },
  {
    name: 'suggestions',
    summary: 'what is tried to make agents better, and what came of it',
    example: 'agentperf suggestions list',
    actions: [
      {
        name: 'list',
        summary: 'list all suggestions',
        example: 'agentperf suggestions list --agent-type code-reviewer',
        configure: (command) =>
          command.option('--agent-type <type>', 'only of this agent type').option('--json', JSON_HELP),
      },
      {
        name: 'show',
        summary: 'everything about one suggestion',
        example: 'agentperf suggestions show opt-1f2e3d4c',
        configure: (command) =>
          command.argument('<id>', 'id, or the beginning of one').option('--json', 'print JSON instead of text'),
      },
      {
        name: 'disable',
        summary: 'switch one off: it is put into no more sessions',
        example: 'agentperf suggestions disable opt-1f2e3d4c',
        configure: (command) => command.argument('<id>', 'id, or the beginning of one'),
      },
      {
        name: 'enable',
        summary: 'let one that was switched off be tried again',
        example: 'agentperf suggestions enable opt-1f2e3d4c',
        configure: (command) => command.argument('<id>', 'id, or the beginning of one'),
      },
      {
        name: 'revert',
        summary: "take a promoted one out of the agent's file again",
        example: 'agentperf suggestions revert opt-1f2e3d4c',
        configure: (command) => command.argument('<id>', 'id, or the beginning of one'),
      },
    ],
    load: () => import('./suggestions.ts'),
  },
  {
    name: 'weekly',
    summary: 'what happened in a week: totals, cost, what got better and worse, what was proved',
    example: 'agentperf weekly --week 2026-W07',
    configure: (command) =>
      command
        .option('--week <week>', 'as 2026-W07 (the last week that is over)')
        .option('--json', 'print JSON instead of text'),
    load: () => import('./weekly.ts'),
  },
  {
    name: 'rebuild',
    summary: 'write everything that follows from the ledger again',
    example: 'agentperf rebuild',
    load: () => import('./rebuild.ts'),
  },
  {
    name: 'install',
    summary: 'let an agent send what it does to agentperf',
    example: 'agentperf install claude-code --dry-run',
    actions: [
      {
        name: 'claude-code',
        summary: "add agentperf's hooks to Claude Code's settings, and telemetry",
        example: 'agentperf install claude-code --scope user --dry-run',
        configure: (command) =>
          command
            .addOption(scopeOption())
            .option('--dry-run', 'only show what would change')
            .option('--todo-tools', 'also let Claude Code offer its task tools to all models'),
      },
      {
        name: 'codex',
        summary: "add agentperf's hooks to those of Codex",
        example: 'agentperf install codex --dry-run',
        configure: (command) => command.addOption(scopeOption()).option('--dry-run', 'only show what would change'),
      },
    ],
    load: () => import('./install.ts'),
  },
  {
    name: 'uninstall',
    summary: 'take out what `install` added',
    example: 'agentperf uninstall claude-code',
    actions: [
      {
        name: 'claude-code',
        summary: "bring Claude Code's settings back as they were",
        example: 'agentperf uninstall claude-code --scope user --dry-run',
        configure: (command) => command.addOption(scopeOption()).option('--dry-run', 'only show what would change'),
      },
      {
        name: 'codex',
        summary: 'bring the hooks of Codex back as they were',
        example: 'agentperf uninstall codex --scope user --dry-run',
        configure: (command) => command.addOption(scopeOption()).option('--dry-run', 'only show what would change'),
      },
    ],
    load: () => import('./uninstall.ts'),
  },
  {
    name: 'doctor',
    summary: 'look for what keeps agentperf from working well',
    example: 'agentperf doctor',
    configure: (command) => command.option('--json', JSON_HELP),
    load: () => import('./doctor.ts'),
  },
  {
    name: 'dead-letter',
    summary: 'requests to other machines that were refused for good',
    example: 'agentperf dead-letter list',
    actions: [
      {
        name: 'list',
        summary: 'list them, with what the other side said',
        example: 'agentperf dead-letter list --json',
        configure: (command) => command.option('--json', JSON_HELP),
      },
      {
        name: 'show',
        summary: 'print one of them as it was sent',
        example: 'agentperf dead-letter show 1771200000000000 | jq',
        configure: (command) => command.argument('<id>', 'which, as `list` tells; exporter/id where two have the same'),
      },
      {
        name: 'replay',
        summary: 'send one of them again, or all; what is taken is removed',
        example: 'agentperf dead-letter replay',
        configure: (command) => command.argument('[id]', 'only this one'),
      },
      {
        name: 'drop',
        summary: 'remove one of them, or all',
        example: 'agentperf dead-letter drop --all',
        configure: (command) => command.argument('[id]', 'only this one').option('--all', 'all of them'),
      },
    ],
    load: () => import('./dead-letter.ts'),
  },
  {
    name: 'signoz',
    summary: 'the connection to SigNoz',
    example: 'agentperf signoz check',
    actions: [
      {
        name: 'check',
        summary: 'ask whether it takes in what is sent, and say what is wrong',
        example: 'agentperf signoz check --url http://127.0.0.1:8080',
        configure: (command) =>
          command
            .option('--url <url>', 'where its page is, for its version (SIGNOZ_URL, or port 8080 of the same host)')
            .option('--json', JSON_HELP),
      },
      {
        name: 'provision',
        summary: 'create dashboards and alert rules there, or bring them up to date',
        example: 'agentperf signoz provision --url http://127.0.0.1:8080 --channel team',
        configure: (command) =>
          command
            .option(
              '--url <url>',
              'where its page is (SIGNOZ_URL, or port 8080 beside its endpoint); the login comes from SIGNOZ_API_KEY',
            )
            .option('--channel <name>', 'notification channel of alert rules; without one there are only dashboards')
            .option('--wait <seconds>', 'how long to wait for it to be ready (60)', positiveInteger)
            .option('--json', JSON_HELP),
      },
    ],
    load: () => import('./signoz.ts'),
  },
  {
    name: 'selftest',
    summary: 'simulate how often alerts and verdicts on suggestions are wrong',
    example: 'agentperf selftest --seed 7 --trials 4000',
    configure: (command) =>
      command
        .option('--seed <number>', 'the same seed gives the same figures (20261121)', positiveInteger)
        .option('--agents <count>', 'agents whose alerts are counted (100)', positiveInteger)
        .option('--sessions <count>', 'sessions of each of them (100)', positiveInteger)
        .option('--trials <count>', 'trials of suggestions, for each figure (1000)', positiveInteger)
        .option('--json', JSON_HELP),
    load: () => import('./selftest.ts'),
  },
  {
    name: 'validate',
    summary: 'check the configuration, and say everything that is wrong with it',
    example: 'agentperf validate --config pipelines.yaml --config local.yaml',
    load: () => import('./validate.ts'),
  },
  {
    name: 'components',
    summary: 'list the component types of this build',
    example: 'agentperf components --json',
    configure: (command) =>
      command.option('--json', JSON_HELP).option('--cel', 'list the names that expressions know instead'),
    load: () => import('./components.ts'),
  },
  {
    name: 'print-config',
    summary: 'print the merged configuration, without secrets and without values of the environment',
    example: 'agentperf print-config --set service.telemetry.logs.level=debug',
    configure: (command) => command.option('--json', 'print JSON instead of YAML'),
    load: () => import('./print-config.ts'),
  },
  {
    name: 'graph',
    summary: 'draw the pipelines as a mermaid flowchart',
    example: 'agentperf graph > pipelines.mmd',
    load: () => import('./graph.ts'),
  },
]

function scopeOption(): Option {
  return new Option('--scope <scope>', 'whose settings').choices(['user', 'project']).default('user')
}

function positiveInteger(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError(`Expected a whole number above 0, got ${JSON.stringify(text)}.`)
}
