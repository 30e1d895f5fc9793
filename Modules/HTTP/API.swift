/// The controllers behind the route table.
package struct API: Sendable {
    let accounts: AccountsController
    let sessions: SessionsController
    let recovery: RecoveryController
    let profile: ProfileController
    let people: PeopleController
    let tenant: TenantController
    let members: MembersController
    let invitations: InvitationsController
    let enrolment: EnrolmentController
    let serviceAccounts: ServiceAccountsController
    let tokens: TokensController
    let rotations: RotationsController
    let imports: ImportsController
    let history: TokenHistoryController
    let policy: TokenPolicyController
    let leaks: LeaksController
    let notices: NoticesController
    let flags: FeatureFlagsController
    let introspection: IntrospectionController
    let forwardAuth: ForwardAuthController
    let usage: UsageController
    let audit: AuditController
    let keys: KeysController
    let openAPI: OpenAPIController
    let reference: ReferenceController
    let health: HealthController

    package init(
        accounts: AccountsController, sessions: SessionsController, recovery: RecoveryController, profile: ProfileController,
        people: PeopleController, tenant: TenantController, members: MembersController, invitations: InvitationsController,
        enrolment: EnrolmentController, serviceAccounts: ServiceAccountsController, tokens: TokensController,
        rotations: RotationsController, imports: ImportsController, history: TokenHistoryController, policy: TokenPolicyController,
        leaks: LeaksController, notices: NoticesController, flags: FeatureFlagsController, introspection: IntrospectionController,
        forwardAuth: ForwardAuthController, usage: UsageController, audit: AuditController, keys: KeysController,
        openAPI: OpenAPIController, reference: ReferenceController, health: HealthController
    ) {
        self.accounts = accounts
        self.sessions = sessions
        self.recovery = recovery
        self.profile = profile
        self.people = people
        self.tenant = tenant
        self.members = members
        self.invitations = invitations
        self.enrolment = enrolment
        self.serviceAccounts = serviceAccounts
        self.tokens = tokens
        self.rotations = rotations
        self.imports = imports
        self.history = history
        self.policy = policy
        self.leaks = leaks
        self.notices = notices
        self.flags = flags
        self.introspection = introspection
        self.forwardAuth = forwardAuth
        self.usage = usage
        self.audit = audit
        self.keys = keys
        self.openAPI = openAPI
        self.reference = reference
        self.health = health
    }
}
