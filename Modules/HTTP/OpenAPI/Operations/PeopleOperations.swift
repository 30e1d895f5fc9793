import Domain

extension OperationDescription {
    static let people: [OperationDescription] = [
        .init("getMe", .account, "Who is asking, and what they may", answering: .ok("That.", .named("Me"))),
        .init(
            "updateMe", .account, "Change one's name or e-mail address",
            "A new address needs the current password, and counts once it is confirmed by mail; the old one is told.",
            body: .json(
                .request([:], optional: ["name": Schemas.name]).adding(["email": Schemas.email, "currentPassword": Schemas.password])
                    .demanding("dependentRequired", #"{"email":["currentPassword"]}"#),
                example: #"{"name":"Ada"}"#),
            answering: .ok("Who one is now.", .named("Me")), refusals: [.invalidCredentials, .emailTaken]),
        .init("deleteMe", .account, "Delete one's account", answering: .noContent("It is gone."), refusals: [.reauthenticationRequired, .lastOwner]),
        .init(
            "changePassword", .account, "Change one's password", "All other sessions end.",
            body: .json(
                .request(["currentPassword": Schemas.password, "newPassword": Schemas.newPassword], optional: ["revokeTokens": .bool]),
                example: #"{"currentPassword":"violet otter lantern","newPassword":"copper meadow window"}"#),
            answering: .noContent("It is changed."), refusals: [.invalidCredentials]),
        .init(
            "exportMe", .account, "All that is kept about oneself",
            answering: .ok("As a file.", .named("PersonalData"), headers: [.contentDisposition]),
            refusals: [.validationFailed]),
        .init("listTenants", .account, "List the tenants one is in", list: .pages, answering: .ok("A page of them.", .named("TenantMemberships"))),
        .init(
            "createTenant", .account, "Make a tenant, as its owner",
            body: .json(.request(["name": Schemas.name], optional: ["slug": Schemas.slug]), example: #"{"name":"Another"}"#),
            answering: .created("The tenant.", .named("TenantMembership")), refusals: [.slugTaken]),
        .init("getTenant", .tenant, "The tenant", answering: .ok("It.", .named("Tenant")), refusals: [.validationFailed]),
        .init(
            "updateTenant", .tenant, "Rename the tenant",
            body: .json(
                Schema.request().adding(["name": Schemas.name, "settings": .request()]), example: #"{"name":"Ada & Daughters"}"#),
            answering: .ok("The tenant.", .named("Tenant"))),
        .init("deleteTenant", .tenant, "Delete the tenant", "Every credential of it is dead at once.", answering: .noContent("It is gone.")),
        .init(
            "listMembers", .members, "List the members",
            query: [
                QueryParameter("q", .plain(1...100), "Part of a name or an address."), QueryParameter("role", Schemas.role, "Of that role alone."),
            ], list: .pages, answering: .ok("A page of them.", .named("Members"))),
        .init(
            "updateMember", .members, "Change a member's role", "Raising needs a session. Nobody acts above their own role.",
            body: .json(.request(["role": Schemas.role]), example: #"{"role":"viewer"}"#), answering: .ok("The member.", .named("Member")),
            refusals: [.lastOwner]),
        .init(
            "removeMember", .members, "Remove a member, or leave", "`me` leaves. Their tokens of this tenant are dead at once.",
            path: ["userId": .string(pattern: "^(me|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")], answering: .noContent("They are out."),
            refusals: [.lastOwner]),
        .init(
            "createInvitation", .members, "Invite somebody by mail",
            body: .json(.request(["email": Schemas.email, "role": Schemas.role]), example: #"{"email":"eve@example.com","role":"member"}"#),
            answering: .created("The invitation; its secret is in the mail alone.", .named("Invitation"), headers: [.location]),
            refusals: [.alreadyMember, .alreadyInvited]),
        .init("listInvitations", .members, "List the open invitations", list: .pages, answering: .ok("A page of them.", .named("Invitations"))),
        .init("withdrawInvitation", .members, "Withdraw an invitation", answering: .noContent("Its mails are worth nothing now.")),
        .init(
            "lookUpInvitation", .members, "What a mailed invitation invites to",
            body: .json(.request(["secret": Schemas.secret]), example: #"{"secret":"tsm_…"}"#), answering: .ok("That.", .named("MailedInvitation")),
            refusals: [.invalidToken]),
        .init(
            "acceptInvitation", .members, "Come in by an invitation",
            "Who has no account sets a name and a password; who has one comes with a session of that address, or gives its password.",
            body: .json(
                Schema.request(["secret": Schemas.secret], optional: ["transport": Schemas.transport])
                    .adding(["name": Schemas.name, "password": Schemas.password]),
                example: #"{"secret":"tsm_…","name":"Eve","password":"violet otter lantern"}"#),
            answering: .created("A session in the tenant.", .named("Session"), headers: [.setCookie]),
            refusals: [.invalidToken, .invalidCredentials, .alreadyMember, .forbidden]),
        .init(
            "resendInvitation", .members, "Mail an invitation again",
            answering: .ok("The invitation, good for as long as a new one.", .named("Invitation"))),
        .init(
            "createServiceAccount", .serviceAccounts, "Make a service account", "At most one's own role.",
            body: .json(.request(["name": Schemas.name, "role": Schemas.role]), example: #"{"name":"deploy","role":"member"}"#),
            answering: .created("The account.", .named("ServiceAccount"), headers: [.location]), refusals: [.nameTaken]),
        .init(
            "listServiceAccounts", .serviceAccounts, "List the service accounts", query: [QueryParameter("q", .plain(1...100), "Part of a name.")],
            list: .pages, answering: .ok("A page of them.", .named("ServiceAccounts"))),
        .init(
            "getServiceAccount", .serviceAccounts, "A service account", answering: .ok("It.", .named("ServiceAccount")), refusals: [.validationFailed]
        ),
        .init(
            "updateServiceAccount", .serviceAccounts, "Rename, raise, lower, switch off or on", "Raising and switching on need a session.",
            body: .json(
                Schema.request().adding(["name": Schemas.name, "role": Schemas.role, "status": .words(["active", "disabled"])]),
                example: #"{"role":"viewer"}"#),
            answering: .ok("The account.", .named("ServiceAccount")), refusals: [.nameTaken]),
        .init(
            "deleteServiceAccount", .serviceAccounts, "Delete a service account", "Its tokens are dead at once.", answering: .noContent("It is gone.")
        ),
    ]
}
