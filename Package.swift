// swift-tools-version: 6.3
import PackageDescription

// The settings every target of this package is built with. `Docs/Architecture.md` explains the walls below.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

// Hummingbird's protocol requirements are `@concurrent`, so whoever conforms to them cannot default to the caller's actor.
let callersActor: [SwiftSetting] = [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]
let conformsToHummingbird: Set<String> = ["HTTP", "Admin", "HTTPTests", "Support", "AcceptanceTests", "tessera-api"]

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")

let package = Package(
    name: "tessera",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "tessera-api", targets: ["tessera-api"]),
        .executable(name: "tessera-migrate", targets: ["tessera-migrate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: [.defaults, "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        // 1 — the ground floor: each knows nothing of the others.
        .systemLibrary(name: "CLibPQ", path: "Modules/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(name: "Postgres", dependencies: ["CLibPQ", collections, crypto, lifecycle, logging], path: "Modules/Postgres"),
        .target(name: "Domain", path: "Modules/Domain"),
        .target(name: "Redis", dependencies: [crypto, lifecycle, logging, nioCore, nioPosix, nioSSL], path: "Modules/Redis"),
        .target(name: "Limits", dependencies: ["Redis"], path: "Modules/Limits"),
        .target(name: "Mail", dependencies: [nioCore, nioPosix, nioSSL, nioTLS, system], path: "Modules/Mail"),
        // 2
        .target(name: "Auth", dependencies: ["Domain", crypto, cryptoExtras, lifecycle, logging, nioPosix], path: "Modules/Auth"),
        .target(name: "Persistence", dependencies: ["Postgres", "Domain", logging], path: "Modules/Persistence"),
        .target(name: "Monitoring", dependencies: ["Domain", collections, coreMetrics, lifecycle, logging, metrics], path: "Modules/Monitoring"),
        .target(name: "Migrations", dependencies: ["Postgres", crypto, logging], path: "Modules/Migrations"),
        // 3
        .target(
            name: "HTTP",
            dependencies: [
                "Auth", "Monitoring", "Limits", "Domain", hummingbird, hummingbirdCore, httpTypes, lifecycle, logging, metrics, nioCore, crypto,
            ],
            path: "Modules/HTTP", resources: [.embedInCode("Reference/Assets/reference.css"), .embedInCode("Reference/Assets/reference.js")]),
        // 4
        .target(name: "Admin", dependencies: ["HTTP", "Domain", httpTypes, hummingbird], path: "Modules/Admin"),
        // 5 — the apps: the only places that see both sides of the walls.
        .executableTarget(
            name: "tessera-api",
            dependencies: [
                "Admin", "HTTP", "Auth", "Persistence", "Monitoring", "Limits", "Redis", "Mail", "Domain", "Postgres",
                argumentParser, configuration, hummingbird, lifecycle, logging, metrics, nioCore, system, unixSignals,
            ],
            path: "Apps/API"),
        .executableTarget(
            name: "tessera-migrate",
            dependencies: ["Migrations", "Postgres", argumentParser, logging],
            path: "Apps/Migrate"),
        // What scripts/bench compares with.
        .executableTarget(name: "bare-server", dependencies: [hummingbird], path: "Tests/Benchmarks/BareServer"),
        // Tests: one target a module, what they share, and the black box.
        .target(name: "Support", dependencies: ["Postgres", "Migrations", logging], path: "Tests/Support"),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "Support", logging, lifecycle], path: "Tests/PostgresTests"),
        .testTarget(name: "DomainTests", dependencies: ["Domain"], path: "Tests/DomainTests"),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "Support", lifecycle, logging, nioCore], path: "Tests/RedisTests"),
        .testTarget(name: "LimitsTests", dependencies: ["Limits", "Redis", "Support", lifecycle, logging], path: "Tests/LimitsTests"),
        .testTarget(name: "MailTests", dependencies: ["Mail", "Support"], path: "Tests/MailTests", exclude: ["Servers"]),
        .testTarget(name: "AuthTests", dependencies: ["Auth", "Domain", "Support", crypto, logging], path: "Tests/AuthTests"),
        .testTarget(
            name: "PersistenceTests", dependencies: ["Persistence", "Postgres", "Domain", "Migrations", "Support", lifecycle, logging],
            path: "Tests/PersistenceTests"),
        .testTarget(
            name: "MonitoringTests", dependencies: ["Monitoring", "Domain", "Support", logging, metrics, lifecycle], path: "Tests/MonitoringTests"),
        .testTarget(name: "MigrationsTests", dependencies: ["Migrations", "Postgres", "Support", logging], path: "Tests/MigrationsTests"),
        .testTarget(
            name: "HTTPTests", dependencies: ["HTTP", "Auth", "Domain", "Limits", "Monitoring", hummingbird, hummingbirdTesting, httpTypes, logging],
            path: "Tests/HTTPTests"),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: ["Support", "Domain", "Auth", "HTTP", "Admin", "Postgres", asyncHTTPClient, crypto, httpTypes, logging, nioCore, nioHTTP1],
            path: "Tests/AcceptanceTests", exclude: ["Load/Scripts", "Limits/structured_fields.py", "Environment/Canary/every-row.sql"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = strict + (conformsToHummingbird.contains(target.name) ? [] : callersActor)
}
