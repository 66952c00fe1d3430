// Plain JavaScript for any Node: it must say clearly why nothing else runs.
const oldest = 24
const major = Number(process.versions.node.split('.')[0])
if (major < oldest) {
  console.error(
    `agentperf needs Node ${oldest} or newer, this is ${process.version}. In a checkout «npm ci» brings the right one: ` +
      'run commands through npm («npm test», «npm run -s agentperf -- --help»). If npm blocked the install script of the ' +
      'package «node», allow it with «npm install-scripts approve node» and run «npm ci» again.',
  )
  process.exit(3)
}
