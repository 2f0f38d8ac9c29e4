package catalog

// The types that code asks for by name.
const (
	DatadogAccount      = "datadog:aws/integrationAccount:IntegrationAccount"
	DatadogAPIKey       = "datadog:index/apiKey:ApiKey"
	DatadogDashboard    = "datadog:index/dashboardJson:DashboardJson"
	DatadogMonitor      = "datadog:index/monitor:Monitor"
	DatadogSLO          = "datadog:index/serviceLevelObjective:ServiceLevelObjective"
	SyntheticsTest      = "datadog:index/syntheticsTest:SyntheticsTest"
	AtlasCluster        = "mongodbatlas:index/advancedCluster:AdvancedCluster"
	AtlasAlert          = "mongodbatlas:index/alertConfiguration:AlertConfiguration"
	AtlasAuditing       = "mongodbatlas:index/auditing:Auditing"
	AtlasBackupSchedule = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
	AtlasPrivateLink    = "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint"
	RandomID            = "random:index/randomId:RandomId"
	RandomPassword      = "random:index/randomPassword:RandomPassword"
	SentryKey           = "sentry:index/sentryKey:SentryKey"
	SentryProject       = "sentry:index/sentryProject:SentryProject"
)

var externalRows = []Row{
	{Type: DatadogAccount, Priced: true},
	{Type: DatadogAPIKey, Free: inThePlan},
	{Type: DatadogDashboard, Free: inThePlan},
	{Type: DatadogMonitor, Free: inThePlan},
	{Type: DatadogSLO, Free: inThePlan},
	{Type: SyntheticsTest, Priced: true},
	{Type: AtlasCluster, Priced: true, Lost: "the database and its backups", HoldsData: true},
	{Type: AtlasAlert, Free: inThePlan},
	{Type: AtlasAuditing, Priced: true},
	{Type: AtlasBackupSchedule, Priced: true},
	{Type: "mongodbatlas:index/cluster:Cluster", Unpriced: notMade, Lost: "the database and its backups"},
	{Type: "mongodbatlas:index/databaseUser:DatabaseUser", Free: inThePlan},
	{Type: "mongodbatlas:index/maintenanceWindow:MaintenanceWindow", Free: inThePlan},
	{Type: AtlasPrivateLink, Priced: true},
	{Type: "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService", Free: partOfAnother},
	{Type: "mongodbatlas:index/project:Project", Unpriced: notMade, Lost: "the database in it"},
	{Type: "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList", Free: inThePlan},
	{Type: "random:index/randomBytes:RandomBytes", Free: inTheState, Rotates: true},
	{Type: RandomID, Free: inTheState, Rotates: true},
	{Type: RandomPassword, Free: inTheState, Rotates: true},
	{Type: "random:index/randomString:RandomString", Free: inTheState, Rotates: true},
	{Type: "random:index/randomUuid:RandomUuid", Free: inTheState, Rotates: true},
	{Type: "sentry:index/sentryIssueAlert:SentryIssueAlert", Free: inThePlan},
	{Type: SentryKey, Free: inThePlan, Lost: "reports from web pages that were built with its DSN"},
	{Type: SentryProject, Priced: true, Lost: "its issues and their history", HoldsData: true},
	{Type: "sentry:index/sentryTeam:SentryTeam", Free: inThePlan},
}
