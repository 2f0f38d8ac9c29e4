// Package cloudwatch evaluates CloudWatch's alarms over metrics that are given to it: metric alarms
// with their periods, statistics, missing data and metric math, and composite alarms with their
// suppressors. It judges by what AWS documents, and needs neither an account nor an SDK.
//
// Where AWS documents a behaviour only by example, the example is a test. What it does not document
// is assumed, and said here: an alarm of one minute or more is evaluated each minute, over a window
// that slides; it looks at the newest EvaluationPeriods+2 periods for data, as in AWS's examples;
// and a minute's data is there when Late has passed.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
package cloudwatch
