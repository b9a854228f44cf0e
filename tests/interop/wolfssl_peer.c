/* A peer on wolfSSL: one connection after the other, each resuming the one before where that goes.
 *
 * wolfssl_peer client 1.3 PORT CA_FILE COUNT
 * wolfssl_peer server 1.3 CHAIN_FILE KEY_FILE COUNT     prints its port first
 *
 * The client sends SIZE bytes and reads as many. For each connection, "full" or "resumed" is printed. */

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE 300000
#define UP 1
#define DOWN 2

static void fail(const char *what, int error) {
    char text[WOLFSSL_MAX_ERROR_SZ] = "";
    if (error != 0) wolfSSL_ERR_error_string((unsigned long)error, text);
    fprintf(stderr, "%s: %d %s\n", what, error, text);
    exit(1);
}

static void expect(WOLFSSL *ssl, int result, const char *what) {
    if (result != WOLFSSL_SUCCESS) fail(what, wolfSSL_get_error(ssl, result));
}

/* What both ends know the byte to be. */
static unsigned char byte_at(int direction, int place) {
    return (unsigned char)(place * 31 + place / 251 + direction);
}

static void send_all(WOLFSSL *ssl, int direction) {
    static unsigned char data[SIZE];
    for (int i = 0; i < SIZE; i++) data[i] = byte_at(direction, i);
    for (int sent = 0; sent < SIZE;) {
        int count = wolfSSL_write(ssl, data + sent, SIZE - sent);
        if (count <= 0) fail("write", wolfSSL_get_error(ssl, count));
        sent += count;
    }
}

static void receive_all(WOLFSSL *ssl, int direction) {
    static unsigned char data[SIZE];
    for (int received = 0; received < SIZE;) {
        int count = wolfSSL_read(ssl, data + received, SIZE - received);
        if (count <= 0) fail("read", wolfSSL_get_error(ssl, count));
        received += count;
    }
    for (int i = 0; i < SIZE; i++)
        if (data[i] != byte_at(direction, i)) fail("another byte", 0);
}

static void report(WOLFSSL *ssl) {
    printf("%s\n", wolfSSL_session_reused(ssl) ? "resumed" : "full");
    fflush(stdout);
}

static void client(WOLFSSL_CTX *ctx, int port, const char *ca, int count) {
    WOLFSSL_SESSION *session = NULL;
    if (wolfSSL_CTX_load_verify_locations(ctx, ca, NULL) != WOLFSSL_SUCCESS) fail(ca, 0);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, NULL);
    wolfSSL_CTX_UseSessionTicket(ctx);
    for (int i = 0; i < count; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect", 0);
        WOLFSSL *ssl = wolfSSL_new(ctx);
        wolfSSL_set_fd(ssl, fd);
        wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9);
        wolfSSL_check_domain_name(ssl, "localhost");
        if (session != NULL) expect(ssl, wolfSSL_set_session(ssl, session), "set_session");
        expect(ssl, wolfSSL_connect(ssl), "connect");
        report(ssl);
        send_all(ssl, UP);
        receive_all(ssl, DOWN);
        if (session != NULL) wolfSSL_SESSION_free(session);
        session = wolfSSL_get1_session(ssl);
        wolfSSL_shutdown(ssl);
        wolfSSL_free(ssl);
        close(fd);
    }
    if (session != NULL) wolfSSL_SESSION_free(session);
}

static void server(WOLFSSL_CTX *ctx, const char *chain, const char *key, int count) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (wolfSSL_CTX_use_certificate_chain_file(ctx, chain) != WOLFSSL_SUCCESS) fail(chain, 0);
    if (wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS) fail(key, 0);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 5) != 0) fail("listen", 0);
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (int i = 0; i < count; i++) {
        int fd = accept(listener, NULL, NULL);
        WOLFSSL *ssl = wolfSSL_new(ctx);
        wolfSSL_set_fd(ssl, fd);
        expect(ssl, wolfSSL_accept(ssl), "accept");
        report(ssl);
        receive_all(ssl, UP);
        send_all(ssl, DOWN);
        wolfSSL_shutdown(ssl);
        wolfSSL_free(ssl);
        close(fd);
    }
    close(listener);
}

int main(int argc, char **argv) {
    if (argc != 6) fail("six words", 0);
    int is_server = strcmp(argv[1], "server") == 0, is_new = strcmp(argv[2], "1.3") == 0;
    wolfSSL_Init();
    WOLFSSL_METHOD *method = is_server ? (is_new ? wolfTLSv1_3_server_method() : wolfTLSv1_2_server_method())
                                       : (is_new ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method);
    if (ctx == NULL) fail("no context", 0);
    if (is_server)
        server(ctx, argv[3], argv[4], atoi(argv[5]));
    else
        client(ctx, atoi(argv[3]), argv[4], atoi(argv[5]));
    wolfSSL_CTX_free(ctx);
    wolfSSL_Cleanup();
    return 0;
}
