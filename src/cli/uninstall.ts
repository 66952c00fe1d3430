import { loadConfiguration } from './configuration.ts'
import { installationOf } from './install.ts'
import { EXIT, type Io } from './io.ts'
import { fitted, lineDiff } from './line-diff.ts'
import type { InstallOptions } from './options.ts'

/** Takes out of an agent's settings what `install` added. */
export async function run(options: InstallOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const installation = installationOf(options, config, io)
  const { text, isExact } = installation.original()
  if (!installation.isInstalled && isExact) {
    io.stderr.write(`Nothing of agentperf was installed in ${installation.path}.\n`)
    return EXIT.fine
  }
  io.stdout.write(`${installation.path}\n${fitted(lineDiff(installation.current(), text ?? ''), io)}`)
  if (!installation.isInstalled) {
    io.stderr.write(
      'Installed with another storage directory: hooks are taken out, and variables stay, which that one has on record.\n',
    )
  } else if (!isExact) {
    io.stderr.write('The file was changed since: only what agentperf had added is taken out, the rest stays.\n')
  }
  if (options.dryRun) io.stderr.write('Nothing was written. Without --dry-run it is.\n')
  else installation.remove()
  return EXIT.fine
}
