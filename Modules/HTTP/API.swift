/// The controllers behind the route table.
package struct API: Sendable {
    let accounts: AccountsController
    let people: PeopleController
    let tokens: TokensController
    let usage: UsageController
    let health: HealthController

    package init(
        accounts: AccountsController, people: PeopleController, tokens: TokensController, usage: UsageController, health: HealthController
    ) {
        self.accounts = accounts
        self.people = people
        self.tokens = tokens
        self.usage = usage
        self.health = health
    }
}
