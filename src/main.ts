#!/usr/bin/env node
// Nothing may be imported before the check: an old Node could not even read it.
const OLDEST_NODE = 24
const major = Number(process.versions.node.split('.')[0])

if (major < OLDEST_NODE) {
  process.stderr.write(
    `agentperf needs Node ${OLDEST_NODE} or newer, this is ${process.version}: install a newer one.\n`,
  )
  process.exitCode = 3
} else {
  // Compiled once and kept where Node keeps such things (NODE_COMPILE_CACHE, else the folder for temporary files), a start
  // takes half the time; where nothing can be kept, all goes on without.
  const { enableCompileCache } = await import('node:module')
  enableCompileCache()
  const { runProgram } = await import('#src/cli/program.ts')
  let outputFailed = false
  process.stdout.on('error', (error) => {
    // Whoever reads us may have seen enough, as `head` does.
    if ('code' in error && error.code === 'EPIPE') return
    if (!outputFailed) process.stderr.write(`agentperf: cannot write the output: ${error.message}\n`)
    outputFailed = true
    process.exitCode = 3
  })
  // There is nobody left to tell; what runs goes on.
  process.stderr.on('error', () => {})
  const code = await runProgram({
    argv: process.argv.slice(2),
    io: {
      stdout: process.stdout,
      stderr: process.stderr,
      env: process.env,
      cwd: process.cwd(),
      nowMs: () => Date.now(),
    },
    packageRoot: new URL('../', import.meta.url),
  })
  process.exitCode = outputFailed ? 3 : code
}
