# shellcheck shell=bash disable=SC2154
# A tenant to try things with, made on the first start. Sourced by scripts/run.

demo_email=owner@example.com
if [ ! -e "$local_directory/demo" ]; then
    demo_password=$(random_hex | cut -c1-20)
    status=$(curl -s -o /dev/null -w '%{http_code}' -X POST "$(api_url)/api/v1/auth/register" -H 'Content-Type: application/json' \
        -d "{\"email\":\"$demo_email\",\"password\":\"$demo_password\",\"name\":\"Demo Owner\",\"tenantName\":\"Demo\"}")
    case $status in
        201) ;;
        409) demo_password="(set when it was made)" ;;
        *) die "the demo tenant could not be made (HTTP $status)." ;;
    esac
    touch "$local_directory/demo"
    cat >&2 <<END

A demo tenant is there. Its password is shown this once:

    e-mail    $demo_email
    password  $demo_password
END
fi
cat >&2 <<END

Next, in another terminal:

    session=\$(curl -s -X POST $(api_url)/api/v1/auth/login -H 'Content-Type: application/json' -d '{"email":"$demo_email","password":"…"}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
    token=\$(curl -s -X POST $(api_url)/api/v1/tokens -H "Authorization: Bearer \$session" -H 'Content-Type: application/json' -d '{"name":"first"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
    curl -s $(api_url)/api/v1/me -H "Authorization: Bearer \$token"

END
