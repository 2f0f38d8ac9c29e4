package compliance

// Unjudged is a control that applies to the stack, or to its account, and that a plan cannot judge.
type Unjudged struct {
	ID    string
	Title string
	Why   string
}

const (
	ofAccount = "a setting of the account, which the stack does not own"
	atRuntime = "it depends on what has happened since the deploy"
)

// NotJudged are the controls that somebody has to look at elsewhere: in Security Hub, once it is on
// in the account.
var NotJudged = []Unjudged{
	{"Account.1", "The account names a security contact", ofAccount},
	{"ACM.1", "Certificates are renewed in time", atRuntime + "; ACM renews by itself what is validated by DNS"},
	{"CloudTrail.6, CloudTrail.7", "The bucket of the trail is private and logs access",
		"the trail is mostly the organization's, in another account"},
	{"Config.1", "AWS Config records resources", ofAccount},
	{"EC2.7", "EBS volumes are encrypted by default", ofAccount},
	{"EC2.172", "VPC Block Public Access is on",
		ofAccount + "; the load balancer and the NAT gateways need an exclusion from it"},
	{"EC2.182", "EBS snapshots are not shared", ofAccount},
	{"GuardDuty.5 to GuardDuty.13", "GuardDuty's protection plans are on",
		"features of a detector that the account's baseline switches on"},
	{"IAM.4, IAM.6, IAM.9", "The root user has no keys, and hardware MFA", ofAccount},
	{"IAM.5, IAM.7, IAM.8, IAM.19, IAM.22", "Users have MFA, a password policy, and no unused credentials",
		ofAccount + "; the stack makes no users"},
	{"IAM.28", "Access Analyzer is on", ofAccount},
	{"Inspector.1 to Inspector.4", "Inspector scans instances, images and functions", ofAccount},
	{"KMS.3", "Keys are not about to be deleted", atRuntime},
	{"Macie.1, Macie.2", "Macie looks for sensitive data", ofAccount},
	{"RDS.1, RDS.4", "Snapshots are private and encrypted",
		atRuntime + "; snapshots of an encrypted cluster are encrypted (RDS.27)"},
	{"S3.1", "The account blocks public access to all buckets", ofAccount + "; each bucket blocks it (S3.8)"},
	{"SSM.6, SSM.7", "Automations are logged, and documents cannot be shared with everybody", ofAccount},
	{"CIS 4.1 to 4.15", "Alarms on the trail's events, such as a login of the root user",
		"they read the organization's trail; Security Hub itself covers 4.16"},
}
