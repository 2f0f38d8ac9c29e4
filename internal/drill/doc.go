// Package drill proves a stack's alarms: it sends them the metrics of a week in which all is well,
// and then those of incidents, and says which alarm goes on, after how many minutes, and how many
// messages people get. It reads the alarms from the plan of the stack, so that what is judged is
// what is deployed. No alarm may go on in the week; each must in an incident of its own, within the
// minutes that its description says; and one incident is one message.
//
// The stack that the metrics are those of is a model of it (site.go): its traffic, its deploys and
// its failures are assumptions, and say nothing about the load of a real one. To teach it a metric,
// add it to metrics.go; to teach it an incident, to incidents.go.
package drill
