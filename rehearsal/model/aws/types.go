package aws

// The type tokens that more than one table names.
const (
	vpcType                  = "aws:ec2/vpc:Vpc"
	subnetType               = "aws:ec2/subnet:Subnet"
	internetGatewayType      = "aws:ec2/internetGateway:InternetGateway"
	natGatewayType           = "aws:ec2/natGateway:NatGateway"
	eipType                  = "aws:ec2/eip:Eip"
	routeTableType           = "aws:ec2/routeTable:RouteTable"
	routeType                = "aws:ec2/route:Route"
	routeAssociationType     = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	networkACLType           = "aws:ec2/networkAcl:NetworkAcl"
	endpointType             = "aws:ec2/vpcEndpoint:VpcEndpoint"
	flowLogType              = "aws:ec2/flowLog:FlowLog"
	managedPrefixListType    = "aws:ec2/managedPrefixList:ManagedPrefixList"
	securityGroupType        = "aws:ec2/securityGroup:SecurityGroup"
	defaultSecurityGroupType = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	ingressRuleType          = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressRuleType           = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	logGroupType             = "aws:cloudwatch/logGroup:LogGroup"
	roleType                 = "aws:iam/role:Role"
	rolePolicyType           = "aws:iam/rolePolicy:RolePolicy"
	policyType               = "aws:iam/policy:Policy"
	policyAttachmentType     = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	identityProviderType     = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
	bucketType               = "aws:s3/bucketV2:BucketV2"
	bucketObjectType         = "aws:s3/bucketObjectv2:BucketObjectv2"
	repositoryPolicyType     = "aws:ecr/repositoryPolicy:RepositoryPolicy"
	grantType                = "aws:kms/grant:Grant"
	keyType                  = "aws:kms/key:Key"
	aliasType                = "aws:kms/alias:Alias"
)

// networkInterfaceType is no resource of the program: interfaces come along with gateways,
// endpoints, load balancers, tasks and databases. Their outputs are id, vpcId, subnetId, groupIds,
// privateIp, publicIp and description.
const networkInterfaceType = "aws:ec2/networkInterface:NetworkInterface"
