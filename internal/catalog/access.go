package catalog

// The types that code asks for by name.
const (
	IAMPolicy            = "aws:iam/policy:Policy"
	IAMRole              = "aws:iam/role:Role"
	RolePolicy           = "aws:iam/rolePolicy:RolePolicy"
	RolePolicyAttachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

var accessRows = []Row{
	{Type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider", Free: access},
	{Type: IAMPolicy, Free: access, Lost: "what everything with this fixed name is allowed", FixedName: "name"},
	{Type: IAMRole, Free: access, Lost: "access of whoever assumes it by its fixed name", FixedName: "name"},
	{Type: RolePolicy, Free: access},
	{Type: RolePolicyAttachment, Free: access},
}
