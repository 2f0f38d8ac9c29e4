package catalog

// The types that code asks for by name.
const (
	DefaultSecurityGroup  = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	EIP                   = "aws:ec2/eip:Eip"
	FlowLog               = "aws:ec2/flowLog:FlowLog"
	InternetGateway       = "aws:ec2/internetGateway:InternetGateway"
	NATGateway            = "aws:ec2/natGateway:NatGateway"
	Route                 = "aws:ec2/route:Route"
	RouteTable            = "aws:ec2/routeTable:RouteTable"
	RouteTableAssociation = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	SecurityGroup         = "aws:ec2/securityGroup:SecurityGroup"
	Subnet                = "aws:ec2/subnet:Subnet"
	VPC                   = "aws:ec2/vpc:Vpc"
	VPCEndpoint           = "aws:ec2/vpcEndpoint:VpcEndpoint"
	EgressRule            = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	IngressRule           = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
)

var networkRows = []Row{
	{Type: DefaultSecurityGroup, Free: routing},
	{Type: EIP, Priced: true, ARN: arnOf("ec2", `elastic-ip/(.+)`), Drawn: WithNATGateways},
	{Type: FlowLog, Free: loggedElsewhere, ARN: arnOf("ec2", `vpc-flow-log/(.+)`)},
	{Type: InternetGateway, Free: routing, ARN: arnOf("ec2", `internet-gateway/(.+)`)},
	{Type: NATGateway, Priced: true, ARN: arnOf("ec2", `natgateway/(.+)`), Drawn: WithNATGateways},
	{Type: Route, Free: routing},
	{Type: RouteTable, Free: routing, ARN: arnOf("ec2", `route-table/(.+)`)},
	{Type: RouteTableAssociation, Free: routing},
	{Type: SecurityGroup, Free: routing, ARN: arnOf("ec2", `security-group/(.+)`)},
	{Type: Subnet, Free: routing, ARN: arnOf("ec2", `subnet/(.+)`), Drawn: WithTier},
	{Type: VPC, Priced: true, ARN: arnOf("ec2", `vpc/(.+)`)},
	{Type: VPCEndpoint, Priced: true, ARN: arnOf("ec2", `vpc-endpoint/(.+)`), Drawn: WithEndpoints},
	{Type: EgressRule, Free: routing},
	{Type: IngressRule, Free: routing},
}
