package aws

const sqsARN = "arn:aws:sqs:" + tokyo + ":" + account + ":"

func (w *world) queue(name string, more in) error {
	w.t.Helper()
	return failed(w.try(queueType, name, merged(in{"name": name}, more)))
}

var queuePairs = map[string]pair{
	"one queue a name": {
		want: "QueueAlreadyExists: A queue already exists with the same name and a different value for an " +
			"attribute: jobs",
		refuses: func(w *world) error {
			w.make(queueType, "jobs", in{"name": "jobs"})
			return failed(w.try(queueType, "other", in{"name": "jobs"}))
		},
		passes: func(w *world) error {
			w.make(queueType, "jobs", in{"name": "jobs"})
			return failed(w.try(queueType, "other", in{"name": "others"}))
		},
	},
	"a request waits twenty seconds for messages at most": {
		want:    "InvalidAttributeValue: Invalid value for the parameter ReceiveMessageWaitTimeSeconds.",
		refuses: func(w *world) error { return w.queue("jobs", in{"receiveWaitTimeSeconds": 21}) },
		passes:  func(w *world) error { return w.queue("jobs", in{"receiveWaitTimeSeconds": 20}) },
	},
	"dead letters go to a queue that takes them": {
		want: "InvalidParameterValue: Value for parameter RedrivePolicy is invalid. Reason: " + sqsARN +
			"dead takes no messages of " + sqsARN + "jobs",
		refuses: func(w *world) error {
			w.make(queueType, "dead", in{
				"name":               "dead",
				"redriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["` + sqsARN + `others"]}`,
			})
			return w.queue("jobs",
				in{"redrivePolicy": `{"deadLetterTargetArn":"` + sqsARN + `dead","maxReceiveCount":5}`})
		},
		passes: func(w *world) error {
			w.make(queueType, "dead", in{
				"name":               "dead",
				"redriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["` + sqsARN + `jobs"]}`,
			})
			return w.queue("jobs",
				in{"redrivePolicy": `{"deadLetterTargetArn":"` + sqsARN + `dead","maxReceiveCount":5}`})
		},
	},
}
